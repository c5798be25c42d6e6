// The check of the rules of devices: examples, rivals, kinds and makers.
import { describe, expect, it } from 'vitest'

import { device, temporaryRules } from './temporary-rules.ts'

describe('the check of devices', () => {
  const { put, problems } = temporaryRules()

  it('notices an example that its own device does not recognise', () => {
    put('devices/acme.yaml', device("dhcpHostname: ['^acme']", 'dhcpHostname: emca'))
    expect(problems()).toEqual([
      'rules/devices/acme.yaml, devices[0].examples[0] (Acme lamp): dhcpHostname emca: "Acme lamp" does not recognise its own example (it reaches 0.00, 0.42 is needed): mend the match or the example',
    ])
  })

  it.each([
    ['', '', '0.30'],
    ['generic: true\n', '', '0.26'],
    ['generic: true\n', "    hints:\n      dhcpHostname: ['^acme']\n", '0.37'],
  ])('says how far an example comes that shows too little (%j, %j)', (more, hints, reached) => {
    put(
      'devices/acme.yaml',
      `${device("dhcpParameterList: ['1,3,6,15']", "{dhcpParameterList: '1,3,6,15', dhcpHostname: acme}", more)}${hints}`,
    )
    expect(problems()).toEqual([
      expect.stringContaining(
        `(it reaches ${reached}, 0.42 is needed): add another field to the example, or mend the match`,
      ),
    ])
  })

  it('names the line that recognises an example when its own does not', () => {
    put('devices/acme.yaml', device("dhcpHostname: ['^acme']", 'dhcpHostname: zen'))
    put('devices/zenith.yaml', device("dhcpHostname: ['^zen']", 'dhcpHostname: zen').replaceAll('Acme', 'Zenith'))
    expect(problems()).toEqual([
      expect.stringMatching(
        /mend the match or the example; it is recognised as "Zenith lamp" of rules\/devices\/zenith\.yaml$/,
      ),
    ])
  })

  it('notices once, naming both, that two makers claim the same examples', () => {
    put('devices/acme.yaml', device("dhcpHostname: ['^acme']", 'dhcpHostname: acme-1'))
    put(
      'devices/zenith.yaml',
      device("dhcpHostname: ['^ac']", 'dhcpHostname: acme-2\n      - dhcpHostname: acme-3').replaceAll(
        'Acme',
        'Zenith',
      ),
    )
    expect(problems()).toEqual([
      'rules/devices/acme.yaml, devices[0].examples[0] (Acme lamp): dhcpHostname acme-1: is recognised both as "Acme lamp" of rules/devices/acme.yaml and as "Zenith lamp" of rules/devices/zenith.yaml: make the match of the one you just added narrower',
    ])
  })

  const twoLamps = (more: string): string =>
    `${device("dhcpHostname: ['^acme']", 'dhcpHostname: acme-1')}  - name: Acme mini\n    kind: bulb\n${more}    match:\n      dhcpHostname: ['^acme-m']\n    examples:\n      - dhcpHostname: acme-mini\n`

  it('suggests narrows where two products of one maker claim an example, and is content with it', () => {
    put('devices/acme.yaml', twoLamps(''))
    expect(problems()).toEqual([
      expect.stringContaining(
        'make one of the two narrower; where one is a special case of the other, give it narrows: with the name of the other',
      ),
    ])
    put('devices/acme.yaml', twoLamps('    narrows: Acme lamp\n'))
    expect(problems()).toEqual([])
  })

  it('wants an example of the wider product not to be one of the narrower', () => {
    put('devices/acme.yaml', twoLamps('    narrows: Acme lamp\n').replace('acme-1', 'acme-m'))
    expect(problems()).toEqual([
      expect.stringContaining('"Acme mini" narrows "Acme lamp": move the example there, or make its match narrower'),
    ])
  })

  it.each([
    ['Acme lmap', 'did you mean Acme lamp?'],
    ['Torch', 'choose one of: Acme lamp'],
  ])('helps where narrows names no device of the file: %s', (name, help) => {
    put('devices/acme.yaml', twoLamps(`    narrows: ${name}\n`))
    expect(problems()).toContainEqual(
      `rules/devices/acme.yaml, devices[1].narrows (Acme mini): there is no other device "${name}" in this file: ${help}`,
    )
  })

  it('wants a device to name a kind, companies and a wider device that exist', () => {
    put(
      'devices/acme.yaml',
      `${device("dhcpHostname: ['^acme']", 'dhcpHostname: acme').replace('kind: bulb', 'kind: lamp\n    narrows: Lamp')}    expects: [acme]\n`,
    )
    expect(problems()).toContainEqual(expect.stringContaining('"lamp" is not in rules/kinds.yaml'))
    expect(problems()).toContainEqual(
      'rules/devices/acme.yaml, devices[0].narrows (Acme lamp): there is no other device in this file: leave it out, or add "Lamp"',
    )
    expect(problems()).toContainEqual(
      'rules/devices/acme.yaml, devices[0].expects[0] (Acme lamp): there is no rules/companies/acme.yaml: add that file',
    )
  })

  it('wants one maker for each name in the MAC register', () => {
    put('devices/acme.yaml', device("dhcpHostname: ['^acme']", 'dhcpHostname: acme', 'ouis: [Acme Lighting]\n'))
    put(
      'devices/zenith.yaml',
      device("dhcpHostname: ['^zen']", 'dhcpHostname: zen', 'ouis: [Acme Lighting Ltd]\n').replaceAll(
        'Acme lamp',
        'Zenith lamp',
      ),
    )
    expect(problems()).toEqual([
      'rules/devices/zenith.yaml, ouis[0]: "Acme Lighting Ltd" also fits "acme lighting" of rules/devices/acme.yaml: make it longer, or keep it in one place',
    ])
  })
})
