# The worker that reminds of tasks that are due. Built with the project's root as the context:
#   docker build --file docker/worker.Dockerfile .
FROM sample-base:1
WORKDIR /srv/worker
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY src/store.js src/worker.js ./
RUN install -d -o node -g node -m 750 /var/lib/tasks \
 && chown -R node:node . \
 && rm -rf /var/www/html
USER node
ENV TASKS_FILE=/var/lib/tasks/tasks.json
CMD ["node", "worker.js"]
