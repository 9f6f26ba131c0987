// Says every minute which tasks are due.
import { openStore } from './store.js';

const file = process.env.TASKS_FILE ?? 'data/demo-tasks.json';

async function remind() {
  const store = await openStore(file);
  const now = new Date().toISOString();
  for (const task of store.list()) {
    if (!task.done && task.due && task.due < now) console.log(`Due: ${task.title}`);
  }
}

await remind();
setInterval(remind, 60_000);
