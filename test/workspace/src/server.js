import { createServer } from 'node:http';
import { answer } from './routes.js';
import { openStore } from './store.js';

const store = await openStore(process.env.TASKS_FILE ?? 'data/demo-tasks.json');
const port = Number(process.env.PORT ?? 3000);

createServer(async (request, response) => {
  const chunks = await request.toArray();
  try {
    const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks)) : undefined;
    const [status, result] = await answer(store, request.method, request.url, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(result));
  } catch (error) {
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: error.message }));
  }
}).listen(port, () => console.log(`Tasks on port ${port}`));
