// The Python that has what a measurement compares with: Debian's packages belong to its own interpreter, which need not be the first.
import { spawnSync } from 'node:child_process';

/** An interpreter that can import these modules; undefined where there is none. */
export function pythonWith(...modules: readonly string[]): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (program) => spawnSync(program, ['-c', `import ${modules.join(', ')}`]).status === 0,
  );
}
