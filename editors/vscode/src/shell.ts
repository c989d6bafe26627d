// The line that a terminal is given: every part quoted for a POSIX shell where it needs it, as flowlang runs on POSIX.

export function quoted(part: string): string {
  return /^[\w@%+=:,./-]+$/.test(part) ? part : `'${part.replaceAll("'", "'\\''")}'`;
}

export function commandLine(parts: readonly string[]): string {
  return parts.map(quoted).join(' ');
}
