import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type BenchOptions, readCommandLine, type ScenarioName, USAGE } from './command-line.ts';
import { compileNativePrograms, type NativePrograms } from './native-programs.ts';
import { fanout, many } from './scenarios/fanout.ts';
import { hls } from './scenarios/hls.ts';
import { hlsWakeup } from './scenarios/hls-wakeup.ts';
import { joins } from './scenarios/joins.ts';
import { leave } from './scenarios/leave.ts';
import { unpaced } from './scenarios/unpaced.ts';
import { distIsCurrent, serversUnderTest } from './servers.ts';
import type { Stage } from './stage.ts';

/** Scenarios without a server: programs of their own, so that what ran before has neither warmed nor filled them. */
const PROGRAMS = { packets: 'packets.bench.ts', record: 'record.bench.ts' } as const;

type RelayScenario = Exclude<ScenarioName, keyof typeof PROGRAMS>;

const SCENARIOS: Readonly<Record<RelayScenario, (stage: Stage) => Promise<void>>> = {
  fanout,
  many,
  unpaced,
  joins,
  leave,
  hls,
  'hls-wakeup': hlsWakeup,
};

const faults: string[] = [];
const kept: Readonly<Record<string, unknown>>[] = [];

async function main(args: readonly string[]): Promise<void> {
  const options = readOrSay(args);
  if (options === undefined) return;
  const relaying = options.scenarios.filter((name) => name !== 'packets' && name !== 'record');
  if (relaying.length > 0) {
    const programs = await compileOrSay();
    if (programs !== undefined) await runScenarios(relaying, await stageOf(options, programs));
  }
  if (options.scenarios.includes('packets')) await runProgram('packets');
  if (options.scenarios.includes('record')) await runProgram('record');
  if (options.json !== undefined) await writeFile(options.json, JSON.stringify(kept, undefined, 1));
  for (const fault of faults) console.log(`FAILED  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}

function readOrSay(args: readonly string[]): BenchOptions | undefined {
  try {
    const options = readCommandLine(args);
    if (options === undefined) console.log(USAGE);
    return options;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}

async function compileOrSay(): Promise<NativePrograms | undefined> {
  if (process.platform !== 'linux') {
    return void console.log(
      `Skipped: the fan-out scenarios read /proc and use epoll, and this is ${process.platform}.`,
    );
  }
  try {
    return await compileNativePrograms();
  } catch (error) {
    console.log(`Skipped: the fan-out scenarios need a C compiler, and ${(error as Error).message}.`);
    return undefined;
  }
}

async function stageOf(options: BenchOptions, programs: NativePrograms): Promise<Stage> {
  return {
    options,
    programs,
    servers: await serversUnderTest(programs, options),
    fault: (where, what) => faults.push(`${where}: ${what}`),
    keep: (row) => kept.push(row),
  };
}

async function runScenarios(names: readonly RelayScenario[], stage: Stage): Promise<void> {
  const { length: cores, 0: core } = cpus();
  const code = (await distIsCurrent()) ? 'build' : 'source';
  console.log(`Node ${process.versions.node}, ${cores} × ${core?.model.trim()}; our server runs from its ${code}.`);
  for (const name of names) await SCENARIOS[name](stage);
}

async function runProgram(name: keyof typeof PROGRAMS): Promise<void> {
  const script = fileURLToPath(new URL(PROGRAMS[name], import.meta.url));
  const flags = ['--conditions=@acestream-orchestrator/source'];
  const [code] = await once(spawn(process.execPath, [...flags, script], { stdio: 'inherit' }), 'close');
  if (code !== 0) faults.push(`${name}: ended with ${code}`);
}

await main(process.argv.slice(2));
