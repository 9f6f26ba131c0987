/** What the JSON interface answers: `[status, body]`. */
export async function answer(store, method, path, body) {
  if (method === 'GET' && path === '/api/health') return [200, { status: 'ok', version: process.env.APP_VERSION }];
  if (method === 'GET' && path === '/api/tasks') return [200, store.list()];
  if (method === 'POST' && path === '/api/tasks') {
    if (!body?.title) return [400, { error: 'title is missing' }];
    return [201, await store.add(body.title, body.due)];
  }
  const finished = /^\/api\/tasks\/([\w-]+)\/done$/.exec(path);
  if (method === 'POST' && finished) {
    const task = await store.finish(finished[1]);
    return task ? [200, task] : [404, { error: `no task ${finished[1]}` }];
  }
  return [404, { error: `nothing at ${path}` }];
}
