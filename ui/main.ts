// The entry point of the page.
import { mount } from 'svelte'
import './style/tokens.css'
import './style/base.css'
import App from './App.svelte'
import { setLocale } from './text/format.ts'
import { theme } from './state/theme.svelte.ts'

// Numbers and dates follow the reader's own kind of English; other languages come with their words.
setLocale(navigator.language.startsWith('en') ? navigator.language : 'en')
theme.apply()
const target = document.getElementById('app')
if (target !== null) mount(App, { target })
