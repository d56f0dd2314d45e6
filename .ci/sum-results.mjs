/**
 * Sums up a CI run: `node sum-results.mjs <folder> <step>=<exit code> …`, with vitest's JSON reports of each step in
 * `<folder>/<step>/`.
 *
 * A step is one check beside its tests. When it fails, the tests that failed in it say why and are what is counted;
 * where none did (build, lint, types, a crash), the step itself is. A step that ran no test has failed.
 * The last line is the sum. The exit code is 1 when anything failed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, ...steps] = process.argv.slice(2);
const sum = { passed: 0, failed: 0, skipped: 0 };

function fail(what) {
  sum.failed += 1;
  console.log(`FAILED ${what.trim().replaceAll('\n', '\n    ')}`);
}

for (const step of steps) addStep(...step.split('='));
const { passed, failed, skipped } = sum;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

function addStep(step, exitCode) {
  const before = { ...sum };
  const reports = join(folder, step);
  if (existsSync(reports)) for (const file of readdirSync(reports).sort()) addReport(join(reports, file));
  if (sum.failed > before.failed) return;
  if (exitCode !== '0') fail(`${step}: ended with exit code ${exitCode}, and no test says why`);
  else if (sum.passed === before.passed) fail(`${step}: no test ran`);
  else sum.passed += 1;
}

function addReport(file) {
  const failedBefore = sum.failed;
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    fail(`${file}: not a report: ${error.message}`);
    return;
  }
  for (const { name, status, message, assertionResults } of report.testResults) {
    const failedTests = assertionResults.filter((test) => test.status === 'failed');
    for (const test of failedTests) fail(`${name}: ${test.fullName}`);
    // A file that could not be loaded, or a hook that threw, fails without a failed test.
    if (status === 'failed' && failedTests.length === 0) fail(`${name}: ${message}`);
    sum.passed += assertionResults.filter((test) => test.status === 'passed').length;
    sum.skipped += assertionResults.filter((test) => !['passed', 'failed'].includes(test.status)).length;
  }
  // An unhandled error fails the run and belongs to no test.
  if (!report.success && sum.failed === failedBefore) fail(`${file}: the run failed outside of its tests`);
}
