// Types of the root helper for tests.
export function startHelper(
  user: { uid: number; gid: number },
  options?: { program?: string | null; interfaces?: string },
): Promise<{ path: string; close(): void }>
