// The requests of one browser behind a trusted proxy that are not answered yet: its connections cannot be counted.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { addressGroup } from '../access/address-group.ts'
import { ServiceError } from '../model/service-error.ts'

export const OPEN_REQUESTS_OF_AN_ADDRESS = 32

/** A hook for onRequest, behind the guard. */
export function limitOpenRequests() {
  const open = new Map<string, number>()
  return async ({ visitor }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!visitor.isProxied) return
    const group = addressGroup(visitor.address)
    const before = open.get(group) ?? 0
    if (before >= OPEN_REQUESTS_OF_AN_ADDRESS)
      throw new ServiceError(429, 'too-many', 'Too many requests from this address at once; wait a moment.')
    open.set(group, before + 1)
    reply.raw.once('close', () => {
      const left = (open.get(group) ?? 1) - 1
      if (left > 0) open.set(group, left)
      else open.delete(group)
    })
  }
}
