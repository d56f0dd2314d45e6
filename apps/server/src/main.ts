#!/usr/bin/env node
/** The first version with everything the server uses. This file itself loads on much older ones. */
const requiredNodeMajor = 24;

const nodeMajor = Number.parseInt(process.versions.node, 10);
if (nodeMajor < requiredNodeMajor) {
  console.error(
    `acestream-orchestrator needs Node ${requiredNodeMajor} or newer; this is Node ${process.versions.node}.`,
  );
  process.exitCode = 1;
} else {
  const { run } = await import('./run.ts');
  await run(process.argv.slice(2), process.env);
}
