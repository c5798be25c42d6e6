// The theme, light or dark: the machine's, unless somebody chose.

export type ThemeChoice = 'auto' | 'light' | 'dark'
const KEY = 'telltale-theme'

function remembered(): ThemeChoice {
  const value = localStorage.getItem(KEY)
  return value === 'light' || value === 'dark' ? value : 'auto'
}

class Theme {
  choice = $state<ThemeChoice>(remembered())
  /** What is shown now: charts redraw when it changes. */
  shown = $state<'light' | 'dark'>('light')

  apply(): void {
    const media = matchMedia('(prefers-color-scheme: dark)')
    media.addEventListener('change', () => this.#show(media.matches))
    this.#show(media.matches)
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice
    if (choice === 'auto') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, choice)
    this.#show(matchMedia('(prefers-color-scheme: dark)').matches)
  }

  #show(machineIsDark: boolean): void {
    this.shown = this.choice === 'auto' ? (machineIsDark ? 'dark' : 'light') : this.choice
    document.documentElement.dataset['theme'] = this.shown
  }
}

export const theme = new Theme()
