// English words of the list of alerts. Loaded with it, not with every page.
export const alertList = {
  lead: 'What is worth a look, and what you decided about it.',
  none: 'Nothing is worth a look',
  noneWords:
    'When a device does something that is unusual for it, it appears here, and nowhere else unless you ask for it in the settings.',
  noneReplay: 'Nothing in this recording stands out so far.',
  learning: (until: string): string =>
    `Until ${until} what is usual here is being learned: only what needs no habit is told.`,
}
