import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The command line of what runs scripts of package.json: npm, or one like it. */
const RUNS_SCRIPTS = /(^|[/\\])(npm|npx|pnpm|yarn)(-cli)?(\.c?js)?( |$)/;

/**
 * Returns the processes that this one would not be there without, the nearest first: its parent and,
 * where npm runs it, all of them up to npm. Between the two is a shell, which outlives npm. Where npm
 * runs a script that runs npm, it is the outermost that counts.
 *
 * @returns {number[]} their ids
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
 * Tells whether one of these processes has ended: whoever it started has another parent then.
 *
 * @param {readonly number[]} ancestors as `ancestry` returned them
 */
export function isBroken([parent, ...others]) {
  let child = Number(parent);
  if (process.ppid !== child) {
    return true;
  }
  for (const pid of others) {
    // One that is not found has ended: its own child, which came before, tells that.
    if ((lookUp(child)?.parent ?? pid) !== pid) {
      return true;
    }
    child = pid;
  }

  return false;
}

/**
 * @param {number} pid
 * @returns {{ command: string, parent: number } | undefined} undefined when there is no such
 * process, or no way to tell
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
  // The name, in brackets, may have blanks and brackets in it.
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
