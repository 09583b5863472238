import { Box, Static, useInput, usePaste, useWindowSize } from "ink";
import { type ReactElement, useSyncExternalStore } from "react";
import type { TuiController } from "../controller.ts";
import { toKeys, toPlainText } from "../key.ts";
import { EditorView } from "./editor-view.tsx";
import { ItemView } from "./item-view.tsx";
import { PickerView } from "./picker-view.tsx";
import { QuestionView } from "./question-view.tsx";
import { StatusLine } from "./status-line.tsx";
import { TurnLive } from "./turn-live.tsx";

/** The whole screen: what is finished is printed once above, what still changes stays in a region of bounded height below. */
export function App({ controller }: { readonly controller: TuiController }): ReactElement {
  const state = useSyncExternalStore(controller.subscribe, controller.getState);
  const { rows } = useWindowSize();
  useInput((input, key) => {
    for (const one of toKeys(input, key)) controller.press(one);
  });
  usePaste((text) => controller.press({ type: "paste", text: toPlainText(text) }));
  const [question] = state.questions;
  const liveRows = Math.max(4, rows - 8);
  return (
    <>
      <Static items={[...state.items]}>{(item, index) => <ItemView key={index} item={item} />}</Static>
      <Box flexDirection="column" maxHeight={Math.max(6, rows - 1)} overflow="hidden" justifyContent="flex-end">
        {state.turn !== null && <TurnLive turn={state.turn} queued={state.queued} maxRows={liveRows} />}
        {question !== undefined && <QuestionView question={question} waiting={state.questions.length - 1} />}
        {state.picker !== null && <PickerView picker={state.picker} />}
        <EditorView editor={state.editor} />
        <StatusLine state={state} />
      </Box>
    </>
  );
}
