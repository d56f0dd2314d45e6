export {
  type BenchmarkReport,
  BenchmarkVerifier,
  type BenchmarkVerifierOptions,
  verifyBenchmark,
} from './benchmark-verifier.ts';
export { BufferMeter } from './buffer-meter.ts';
export { type Describe, describeWithTools, findTool, requireTool, type Tool } from './find-tool.ts';
export type { SyncLoss } from './packet-splitter.ts';
export { type ProcessResult, type RunProcessOptions, runProcess } from './run-process.ts';
export { type CheckedSegment, SegmentChecker, type SegmentFault, type SegmentsReport } from './segment-checker.ts';
export { type SimulatorImageOptions, simulatorImage } from './simulator-image.ts';
export { type RegistryProcess, type SpawnRegistryOptions, spawnRegistry } from './spawn-registry.ts';
export { type SimulatorProcess, type SpawnSimulatorOptions, spawnSimulator } from './spawn-simulator.ts';
export { analyseTs, TsAnalyser } from './ts-analyser.ts';
export type {
  ContinuityError,
  Keyframe,
  PcrPoint,
  PidReport,
  StreamStart,
  TimestampError,
  TsReport,
} from './ts-report.ts';
