// Lists of numbers in the order in which they were appended; any of them can be taken out.
import { allocate, grown } from '../memory'

const FIRST_CAPACITY: i32 = 256

/** Numbers from 0; each is in the list once at most. */
@unmanaged
export class LinkedList {
  /** By number the one before and the one behind it, and two; 0 in both places for one that is not in the list. */
  links: usize = 0
  capacity: i32 = 0
  first: i32 = 0
  last: i32 = 0
  length: i32 = 0
}

export function newList(): LinkedList {
  const list = changetype<LinkedList>(allocate(offsetof<LinkedList>()))
  list.first = -1
  list.last = -1
  return list
}

/** Appends a number that is not in the list. */
export function append(list: LinkedList, id: i32): void {
  if (id >= list.capacity) growLinks(list, id)
  const link = linkOf(list, id)
  store<i32>(link, list.last + 2)
  store<i32>(link, 1, 4)
  if (list.last >= 0) store<i32>(linkOf(list, list.last), id + 2, 4)
  else list.first = id
  list.last = id
  list.length++
}

/** Takes a number out of the list; nothing where it is not in it. */
export function takeOut(list: LinkedList, id: i32): void {
  if (!isIn(list, id)) return
  const link = linkOf(list, id)
  const before = load<i32>(link) - 2
  const behind = load<i32>(link, 4) - 2
  if (before >= 0) store<i32>(linkOf(list, before), behind + 2, 4)
  else list.first = behind
  if (behind >= 0) store<i32>(linkOf(list, behind), before + 2)
  else list.last = before
  store<i32>(link, 0)
  store<i32>(link, 0, 4)
  list.length--
}

export function isIn(list: LinkedList, id: i32): bool {
  return id < list.capacity && load<i32>(linkOf(list, id)) != 0
}

/** The number behind this one; -1 for none. */
export function following(list: LinkedList, id: i32): i32 {
  return load<i32>(linkOf(list, id), 4) - 2
}

function linkOf(list: LinkedList, id: i32): usize {
  return list.links + ((<usize>id) << 3)
}

function growLinks(list: LinkedList, id: i32): void {
  let capacity = max<i32>(FIRST_CAPACITY, list.capacity)
  while (capacity <= id) capacity *= 2
  list.links =
    list.capacity == 0
      ? allocate((<usize>capacity) << 3)
      : grown(list.links, (<usize>list.capacity) << 3, (<usize>capacity) << 3)
  list.capacity = capacity
}
