// What do charts say in English?
export const charts = {}
