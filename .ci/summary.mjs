// Prints the counts of a vitest JSON report as one plain line, and exits as the run did.
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);

function counts() {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const brokenFiles = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0);
    return {
      passed: report.numPassedTests,
      // A file that could not even be loaded has no tests to count, and must not pass for none.
      failed: report.numFailedTests + brokenFiles.length,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const { passed, failed, skipped } = counts();
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = Number(status) || (failed > 0 ? 1 : 0);
