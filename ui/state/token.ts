// The one-time token in the address that the console printed.

/** Reads `/?token=…`, `/claim?token=…`, `/claim/…`, `#token=…` and `#/claim/…`; empty where there is none. */
export function tokenIn(address: { search: string; pathname: string; hash: string }): string {
  const inQuery = new URLSearchParams(address.search).get('token')
  if (inQuery !== null) return inQuery
  const named = /[#?&]token=([^&]+)/.exec(address.hash)
  if (named?.[1] !== undefined) return decodeURIComponent(named[1])
  const inPath = /^#?\/claim\/([^/?]+)/.exec(address.hash) ?? /^\/claim\/([^/?]+)/.exec(address.pathname)
  return inPath?.[1] ?? ''
}
