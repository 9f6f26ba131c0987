import { readFile, writeFile } from 'node:fs/promises';
import { nanoid } from 'nanoid';

/** Tasks kept in one JSON file. */
export async function openStore(file) {
  const tasks = JSON.parse(await readFile(file, 'utf8').catch(() => '[]'));
  const save = () => writeFile(file, JSON.stringify(tasks, undefined, 2));
  return {
    list: () => tasks,
    async add(title, due) {
      const task = { id: nanoid(8), title, due, done: false };
      tasks.push(task);
      await save();
      return task;
    },
    async finish(id) {
      const task = tasks.find((candidate) => candidate.id === id);
      if (!task) return undefined;
      task.done = true;
      await save();
      return task;
    },
  };
}
