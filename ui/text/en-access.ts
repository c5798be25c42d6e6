// English words of claiming and logging in. Loaded with that screen, not with every page.

export const access = {
  recordedLink: 'What is recorded here',
  claimTitle: 'Welcome to Telltale',
  claimLead: 'It shows what your smart devices send, when, and to whom.',
  stays: 'Data stays on this machine. Telltale sends nothing to anyone.',
  noContent: 'It counts bytes and reads names. It never keeps what was said, seen or written.',
  choose: 'Choose a password for this page',
  password: 'Password',
  repeat: 'The same password again',
  token: 'Code from the console',
  tokenHelp: 'Telltale printed it when it started, at the end of the address.',
  rules: 'At least 8 characters.',
  tooShort: 'That is shorter than 8 characters.',
  differ: 'The two passwords differ.',
  claim: 'Set password and start',
  loginTitle: 'Log in',
  login: 'Log in',
  logout: 'Log out',
  forgotten: 'Forgotten? On the machine where Telltale runs, type: npm run -s telltale -- reset-password',
}
