// Types of the start under sudo for tests.
export interface SudoUser {
  uid: number
  gid: number
  name: string | null
  home: string | null
}
export function sudoUser(
  environment?: Record<string, string | undefined>,
  passwd?: (uid: number) => string | null,
): SudoUser | null
export function environmentOf(
  user: SudoUser,
  environment: Record<string, string | undefined>,
  rootHome?: string,
): Record<string, string | undefined>
