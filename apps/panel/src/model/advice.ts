import type { EngineState, HealthStatus, OrchestratorStatus, StreamState } from '../api/types.ts';
import { shortId } from '../format/content.ts';
import { formatPlural } from '../format/number.ts';
import { viewersOf } from './viewers-of.ts';

export interface Advice {
  readonly tone: 'bad' | 'warn' | 'info';
  /** What is wrong. */
  readonly title: string;
  /** What to do about it. */
  readonly text: string;
  /** The page to do it on. */
  readonly href?: string;
}

export interface AdviceInput {
  readonly status: OrchestratorStatus | undefined;
  readonly engines: readonly EngineState[];
  readonly streams: readonly StreamState[];
  /** What the server says of its storage and its settings; undefined when it has not yet. */
  readonly health?: HealthStatus | undefined;
}

/** What an operator should know now, the worst first. Empty when all is well. */
export function adviceFor({ status, engines, streams, health }: AdviceInput): Advice[] {
  const advice = [
    ...(engines.length === 0 ? noEngineAdvice(status) : engineAdvice(engines, status)),
    ...(status === undefined ? [] : [...capacityAdvice(status, engines.length), ...imageAdvice(status)]),
    ...streamAdvice(streams),
    ...(health === undefined ? [] : healthAdvice(health)),
    ...(status?.config['engines'] === 'demo' ? [demoAdvice] : []),
  ];
  const order = { bad: 0, warn: 1, info: 2 };
  return advice.toSorted((one, other) => order[one.tone] - order[other.tone]);
}

/** Said plainly, so that nobody takes test pictures for channels; the id is of a picture that simulated engines have. */
const demoAdvice: Advice = {
  tone: 'info',
  title: 'The engines are simulated: test pictures, no channels',
  text: 'This opens one of the pictures. For channels, name your engines in ENGINE_URLS, or let the server start some with ENGINES=docker.',
  href: `/play/${'1'.repeat(40)}`,
};

/** A server that makes its engines may have none while nobody plays; why it can make none is said elsewhere. */
function noEngineAdvice(status: OrchestratorStatus | undefined): Advice[] {
  if (status?.config['engines'] !== 'docker') {
    return [
      {
        tone: 'bad',
        title: 'There is no engine',
        text: 'Nothing can play. Name your engines in ENGINE_URLS, or let the server start some with ENGINES=docker.',
        href: '/engines',
      },
    ];
  }
  if (status.capacity.min_replicas === 0 || status.provisioning.circuit_breaker_state === 'open') return [];
  return [
    {
      tone: 'info',
      title: 'No engine is ready yet',
      text: 'One is being started; players wait for it.',
      href: '/engines',
    },
  ];
}

function engineAdvice(engines: readonly EngineState[], status: OrchestratorStatus | undefined): Advice[] {
  const advice: Advice[] = [];
  for (const engine of engines.filter(({ health_status }) => health_status === 'unhealthy')) {
    advice.push({
      tone: 'bad',
      title: `Engine ${engine.container_name} does not answer`,
      text:
        status?.config['engines'] === 'docker'
          ? 'Its streams go to other engines. See its log; restart it if it does not come back by itself.'
          : 'Its streams go to other engines where there is room. Look whether it runs where you run it; it is used again as soon as it answers.',
      href: `/engines/${encodeURIComponent(engine.container_id)}`,
    });
  }
  const [outdated, ...others] = engines.filter((engine) => engine.outdated !== null);
  if (outdated?.outdated) {
    advice.push({
      tone: 'info',
      title:
        others.length === 0 ? `${outdated.container_name} is outdated` : `${others.length + 1} engines are outdated`,
      text: `${outdated.outdated.message}. Replace them one at a time when it suits.`,
      href: '/engines',
    });
  }
  const draining = engines.filter((engine) => engine.draining);
  if (draining.length > 0) {
    advice.push({
      tone: 'info',
      title: `${formatPlural(draining.length, 'engine')} draining`,
      text: 'They finish what they play and take nothing new.',
      href: '/engines',
    });
  }
  return advice;
}

function capacityAdvice({ capacity, provisioning }: OrchestratorStatus, engineCount: number): Advice[] {
  const advice: Advice[] = [];
  const isFull = capacity.total > 0 && capacity.available <= 0;
  if (capacity.waiting > 0) {
    advice.push({
      tone: 'bad',
      title: `${formatPlural(capacity.waiting, 'channel')} ${capacity.waiting === 1 ? 'waits' : 'wait'} for a free slot`,
      text: 'Every slot is taken. Stop a stream that nobody needs, add an engine, or allow more streams per engine.',
      href: '/streams',
    });
  } else if (isFull && engineCount > 0) {
    advice.push({
      tone: 'warn',
      title: 'Every slot is taken',
      text: 'Running channels take more viewers; the next new channel has to wait. Add an engine, or allow more streams per engine.',
      href: '/engines',
    });
  }
  if (provisioning.circuit_breaker_state === 'open') {
    advice.push({
      tone: 'bad',
      title: 'Starting engines failed too often',
      text: 'It is not tried for a while. Look for the reason in the events, then reset the breaker.',
      href: '/engines',
    });
  }
  return advice;
}

function imageAdvice({ newer_images }: OrchestratorStatus): Advice[] {
  return newer_images.map((image) => ({
    tone: 'info',
    title: `The registry has a newer ${image}`,
    text: 'Engines are made from the older one until it is pulled.',
    href: '/engines',
  }));
}

function healthAdvice({ storage, settings_faults }: HealthStatus): Advice[] {
  const advice: Advice[] = settings_faults.map((fault) => ({
    tone: 'warn',
    title: 'A saved setting cannot be used',
    text: fault,
    href: '/settings',
  }));
  if (!storage.ok) {
    advice.push({
      tone: 'warn',
      title: 'Settings and events cannot be saved',
      text: `${storage.message ?? 'The data folder cannot be written.'} Streams go on.`,
    });
  }
  return advice;
}

function streamAdvice(streams: readonly StreamState[]): Advice[] {
  const recovering = streams.filter(({ state }) => state === 'recovering');
  const alone = streams.filter(({ state, peers }) => state === 'live' && peers === 0);
  return [
    ...few(
      recovering,
      'look for another engine',
      `${formatPlural(viewersOf(recovering), 'viewer')} still connected; the picture freezes if it takes long.`,
    ),
    ...few(alone, 'have no peers', 'The swarm sends nothing: the broadcast may be over.'),
  ];
}

function few(streams: readonly StreamState[], what: string, text: string): Advice[] {
  const [first] = streams;
  if (first === undefined) return [];
  const isOne = streams.length === 1;
  return [
    {
      tone: 'warn',
      title: isOne
        ? `${shortId(first.key)} ${what.replace('look', 'looks').replace('have', 'has')}`
        : `${formatPlural(streams.length, 'stream')} ${what}`,
      text,
      href: isOne ? `/streams/${encodeURIComponent(first.id)}` : '/streams',
    },
  ];
}
