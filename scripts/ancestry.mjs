import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Command line of a process that runs package.json scripts: npm, or a similar tool. */
const RUNS_SCRIPTS = /(^|[/\\])(npm|npx|pnpm|yarn)(-cli)?(\.c?js)?( |$)/;

/**
 * Returns the ancestors of this process, nearest first: only its parent, or, if npm runs it, all up to
 * npm. In between is a shell, which outlives npm. If npm runs a script that runs npm, the list ends with
 * the outermost npm.
 *
 * @returns {number[]} process ids
 */
export function ancestry() {
  const all = [process.ppid];
  let upToNpm = 1;
  for (let pid = process.ppid; pid > 1;) {
    const found = lookUp(pid);
    if (found === undefined) {
      break;
    }
    if (RUNS_SCRIPTS.test(found.command)) {
      upToNpm = all.length;
    }
    pid = found.parent;
    all.push(pid);
  }

  return all.slice(0, upToNpm);
}

/**
 * Tells whether one of these processes has ended. Its child then has another parent.
 *
 * @param {readonly number[]} ancestors as returned by `ancestry`
 */
export function isBroken([parent, ...others]) {
  let child = Number(parent);
  if (process.ppid !== child) {
    return true;
  }
  for (const pid of others) {
    // If a process is not found, its child, which was looked at before, has already told so.
    if ((lookUp(child)?.parent ?? pid) !== pid) {
      return true;
    }
    child = pid;
  }

  return false;
}

/**
 * @param {number} pid
 * @returns {{ command: string, parent: number } | undefined} undefined if there is no such process, or
 * no way to find out
 */
function lookUp(pid) {
  try {
    return process.platform === "linux" ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function fromProc(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The process name, in brackets, may itself contain blanks and brackets.
  const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");

  return { command: command.replaceAll("\0", " "), parent: Number(parent) };
}

/** @param {number} pid */
function fromPs(pid) {
  const args = ["-ww", "-o", "ppid=,args=", "-p", String(pid)];
  const output = execFileSync("ps", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [, parent, command = ""] = /^\s*(\d+) (.*)/.exec(output) ?? [];

  return parent === undefined ? undefined : { command, parent: Number(parent) };
}
