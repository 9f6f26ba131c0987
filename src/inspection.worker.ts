import path from 'node:path';
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { dockerfileName, Machine } from './doors';
import { Memory, type StepWatch } from './flow-doors';
import { traitsOf, wordsFor } from './graph/builder';
import { parseImageAddress } from './images/image-address';
import { inspect } from './inspect';
import { formatPlatform, type Image, type Platform, parsePlatform } from './layers/image';
import type { FetchedImage } from './layers/stored-image';
import { Answers } from './pages/answers';
import { explainPath } from './pages/context-answer';
import { contextSources } from './pages/context-sources';
import { HostRequests } from './pages/host-requests';
import { inspectedImage } from './pages/inspected';
import {
  type DockerfileQuestion,
  type Envelope,
  type HostAnswer,
  type HungSteps,
  type InspectionPage,
  PageError,
  type Questions,
  type Reply,
  type Simulating,
  type WorkerData,
} from './pages/protocol';
import { summarise } from './pages/summary';
import { hostPlatform } from './platform/host-platform';

/** The thread that owns the inspections: it parses, simulates, and answers with pages of plain data. */
const { cacheFolder, storeLimit } = workerData as WorkerData;
const indexScript = path.join(__dirname, 'layer-index.worker.js');
const machine = new Machine({ indexScript, cacheFolder, storeLimit });
const memory = new Memory();
const inspections = new Map<string, Answers>();
const running = new Map<string, AbortController>();
const host = new HostRequests((request) => parentPort!.postMessage(request));

/** The host is told before a step begins, for a thread that hangs tells nothing. */
const simulating: string[] = [];
const hung = new Map<string, string>();
const watch: StepWatch = {
  begin(name) {
    simulating.push(name);
    tellSimulating();
    return () => {
      simulating.splice(simulating.indexOf(name), 1);
      tellSimulating();
    };
  },
  hung: (name) => hung.get(name),
};

function tellSimulating(): void {
  parentPort!.postMessage({ simulating: [...simulating] } satisfies Simulating);
}

async function answer({ name, question }: Envelope): Promise<unknown> {
  switch (name) {
    case 'inspectDockerfile':
      return inspectDockerfile(question as DockerfileQuestion);
    case 'inspectImage':
      return inspectImage(question as Parameters<Questions['inspectImage']>[0]);
    case 'close':
      return close((question as { key: string }).key);
    case 'contextChanged':
      return machine.forgetContext((question as { contextFolder: string }).contextFolder);
    case 'contextSources':
      return contextSources((question as { text: string }).text);
    case 'ping':
      return undefined;
    default: {
      const answers = inspections.get((question as { key: string }).key);
      if (!answers)
        throw new PageError(
          'closed',
          'This file system is not open any more: open it again from its Dockerfile',
        );
      return answers[name](question as never);
    }
  }
}

async function inspectDockerfile(question: DockerfileQuestion): Promise<InspectionPage> {
  const { key, text, target, buildArgs, platform, builder, contexts } = question;
  const started = performance.now();
  supersede(key);
  const controller = new AbortController();
  running.set(key, controller);
  try {
    const doors = doorsOf(question);
    const options = {
      target,
      buildArgs,
      platform: parsePlatform(platform),
      buildPlatform: hostPlatform(),
      builder,
      contexts,
    };
    const inspection = await inspect({ text, options }, doors, controller.signal);
    const explain = (path: string) => {
      const context = doors.context();
      return context && explainPath(context, path);
    };
    const answers = new Answers({ kind: 'dockerfile', inspection, explain }, machine.reader, (image) =>
      openImage(image, platform),
    );
    inspections.set(key, answers);
    return { ...summarise(answers.inspected), builder: wordsFor(builder), took: performance.now() - started };
  } finally {
    if (running.get(key) === controller) running.delete(key);
  }
}

function supersede(key: string): void {
  running.get(key)?.abort(new PageError('superseded', 'a newer inspection took its place'));
}

function doorsOf(question: DockerfileQuestion): ReturnType<Machine['doors']> {
  const { contextFolder, dockerfile, builder, images, contextCap, runMilliseconds, runBytes } = question;
  const options = {
    contextFolder,
    dockerfile: traitsOf(builder).readsNewSyntax
      ? dockerfileName(contextFolder, dockerfile ?? 'Dockerfile')
      : undefined,
    images,
    fetchImage: question.asksImages ? askForImage : undefined,
    contextCap,
    runLimits: { milliseconds: runMilliseconds, bytes: runBytes },
    listen,
  };
  const doors = { ...machine.doors(options, memory), watch };
  if (!question.asksSizes) return doors;
  return { ...doors, remoteSize: (url, signal) => host.ask({ kind: 'remote size', url }, signal) };
}

function askForImage(reference: string, platform: Platform, signal?: AbortSignal): Promise<FetchedImage> {
  return host.ask({ kind: 'image', reference, platform: formatPlatform(platform) }, signal);
}

async function inspectImage({
  key,
  file,
  platform,
}: Parameters<Questions['inspectImage']>[0]): Promise<InspectionPage> {
  const started = performance.now();
  const image = await openImage(file, platform);
  const answers = new Answers(inspectedImage(image), machine.reader, (other) => openImage(other, platform));
  inspections.set(key, answers);
  return { ...summarise(answers.inspected), took: performance.now() - started };
}

/** An archive, or `docker://REF` and the like, which the host brings into the store first. */
async function openImage(file: string, platform: string): Promise<Image> {
  const address = parseImageAddress(file);
  if (!address) return machine.image(file, undefined, parsePlatform(platform));
  // An engine has the platform that it has, and that is the one to look at.
  const wanted = address.source === 'registry' ? { platform } : {};
  const fetched = await host.ask({ kind: 'image of', ...address, ...wanted });
  if (fetched.kind === 'missing') throw new Error(fetched.reason);
  return machine.storedImage(fetched.image);
}

function close(key: string): undefined {
  running.get(key)?.abort(new PageError('closed', 'the inspection was closed'));
  inspections.delete(key);
}

type Message = Envelope | HostAnswer | HungSteps;

/** Messages that arrived and were not taken yet. */
const arrived: Message[] = [];

/**
 * Takes in what arrived while a RUN keeps the thread busy: a sign of life is given, and what an edit makes void ends at
 * once. Everything else waits for its turn.
 */
function listen(): void {
  for (let next = receiveMessageOnPort(parentPort!); next; next = receiveMessageOnPort(parentPort!)) {
    const message = next.message as Message;
    if ('name' in message && message.name === 'ping') void takeMessage(message);
    else {
      if ('name' in message && (message.name === 'inspectDockerfile' || message.name === 'close'))
        supersede((message.question as { key: string }).key);
      arrived.push(message);
      setImmediate(takeArrived);
    }
  }
}

function takeArrived(): void {
  for (const message of arrived.splice(0)) void takeMessage(message);
}

async function takeMessage(message: Message): Promise<void> {
  if ('request' in message) return host.receive(message);
  if ('hung' in message) {
    for (const [step, reason] of message.hung) hung.set(step, reason);
    return;
  }
  const reply = await answer(message).then(
    (value): Reply => ({ id: message.id, answer: value }),
    (error: unknown): Reply => {
      const words = error instanceof Error ? error.message : String(error);
      return { id: message.id, error: words, ...(error instanceof PageError && { code: error.code }) };
    },
  );
  parentPort!.postMessage(reply);
}

parentPort!.on('message', (message: Message) => {
  takeArrived();
  void takeMessage(message);
});
