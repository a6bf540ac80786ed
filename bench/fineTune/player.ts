// A program that answers one question after the other: lines of JSON on its standard input and output, each in a process of its own.
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';

/** Begins an answer; whatever else a library prints is passed by, see {@link Player.printed}. */
const ANSWER = 'answer ';

export class Player {
  /** Lines that were no answer since the last one. */
  printed: string[] = [];
  private readonly child: ChildProcessWithoutNullStreams;
  private answered: ((line: string) => void) | undefined;
  private failed: ((error: Error) => void) | undefined;

  constructor(program: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(program, args, { env: { ...process.env, ...environment } });
    this.child.stderr.pipe(process.stderr);
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      if (line.startsWith(ANSWER)) {
        this.answered?.(line.slice(ANSWER.length));
      } else {
        this.printed.push(line);
      }
    });
    this.child.on('close', (code) => this.failed?.(new Error(`${program} has ended with ${code}.`)));
  }

  async ask<T>(question: object): Promise<T> {
    this.printed = [];
    const answer = await new Promise<string>((resolve, reject) => {
      [this.answered, this.failed] = [resolve, reject];
      this.child.stdin.write(`${JSON.stringify(question)}\n`);
    });
    return JSON.parse(answer) as T;
  }

  stop(): void {
    this.failed = undefined;
    this.child.kill();
  }
}

/** The other end: answers until the input ends. */
export async function answerAll(answer: (question: unknown) => Promise<object>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const found = await answer(JSON.parse(line));
    process.stdout.write(`${ANSWER}${JSON.stringify(found)}\n`);
  }
}
