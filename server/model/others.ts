// The device that stands for all senders that have no place of their own, so that the devices add up.

/** Its id in the engine, in sessions and in the traffic history. */
export const OTHERS_ID = 'other'
export const OTHERS_NAME = 'Others, not told apart'
export const OTHERS_WHY =
  'More new devices turned up than a home has, or than are kept: those that nobody answered, or that were seen longest ago, are counted here in one row, so that the totals stay exact.'
/** Devices kept apart: in the list of known ones and in the traffic history. */
export const MAX_DEVICES = 4_096
