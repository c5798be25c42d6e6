// Where does the page start?
import { mount } from 'svelte'
import './style/tokens.css'
import './style/base.css'
import App from './App.svelte'
import { theme } from './state/theme.svelte.ts'

theme.apply()
const target = document.getElementById('app')
if (target !== null) mount(App, { target })
