/** Where Kuzzle listens. */
export interface Host {
  readonly hostname: string;
  readonly port: number;
  readonly ssl: boolean;
}

/** Returns the host of an address, whose port may be the usual one of its protocol. */
export function hostOf({
  hostname,
  port,
  protocol,
}: {
  readonly hostname: string;
  readonly port: string;
  readonly protocol: string;
}): Host {
  const ssl = protocol === "https:";

  return { hostname, port: Number(port) || (ssl ? 443 : 80), ssl };
}
