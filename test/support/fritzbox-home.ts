// A FRITZ!Box source that feeds an engine, and the stand-in for a box that it captures on.
import { READ_TO_ENGINE } from '../../capture/core/constants.ts'
import { CaptureReader } from '../../capture/formats/capture-reader.ts'
import { parseFritzboxLine } from '../../capture/sources/fritzbox/address.ts'
import { FritzboxSource } from '../../capture/sources/fritzbox.ts'
import type { LookUp } from '../../capture/sources/fritzbox/client.ts'
import { Engine } from '../../server/engine/engine.ts'
import { RowNumber } from '../../server/engine/row-table.ts'
import { FritzboxStandIn, type StandInOptions } from './fritzbox-stand-in.ts'

export const BOX_PASSWORD = 'Kühlschrank-7-ñandú'

export class FritzboxHome {
  readonly engine = new Engine()
  readonly gaps: [from: number, to: number][] = []
  readonly source: FritzboxSource
  box: FritzboxStandIn

  private constructor(box: FritzboxStandIn, line: string, password: string, lookUp?: LookUp) {
    this.box = box
    const named = parseFritzboxLine(line)
    if (named === null) throw new Error(`"${line}" names no box`)
    this.source = new FritzboxSource(
      named.place,
      password,
      {
        openReader: () => new CaptureReader({ core: this.engine.core, mode: READ_TO_ENGINE, source: 0 }),
        onGap: (from, to) => this.gaps.push([from, to]),
      },
      lookUp,
    )
    this.source.start()
  }

  /** `line` of the box's port; absent: user anna, interface lan. */
  static async open(
    options: Partial<StandInOptions> = {},
    {
      line = (port: number) => `anna@127.0.0.1:${port} lan`,
      password = BOX_PASSWORD,
      lookUp,
    }: { line?: (port: number) => string; password?: string; lookUp?: LookUp } = {},
  ): Promise<FritzboxHome> {
    const box = await FritzboxStandIn.open({ password: BOX_PASSWORD, ...options })
    return new FritzboxHome(box, line(box.port), password, lookUp)
  }

  /** Bytes with the internet. Nothing more may come. */
  internetBytes(): number {
    const { engine } = this
    engine.finish()
    let sum = 0
    for (let row = 0; row < engine.rows.used; row++)
      sum += engine.rows.number(row, RowNumber.Sent) + engine.rows.number(row, RowNumber.Received)
    return sum
  }

  async close(): Promise<void> {
    await this.source.stop()
    await this.box.close()
  }
}
