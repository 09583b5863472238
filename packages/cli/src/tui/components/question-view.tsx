import { Box, Text } from "ink";
import { type ReactElement, type ReactNode, use } from "react";
import { escapeLine } from "../../render/escape-text.ts";
import { isLong, maxPreviewLines } from "../apply-event.ts";
import { ThemeContext, type Tone } from "../theme.ts";
import type { ApprovalQuestion, Question } from "../view-state.ts";

/** The question that waits for an answer. One too long for the live region is printed whole above, and shown here in part. */
export function QuestionView({
  question,
  waiting,
}: {
  readonly question: Question;
  readonly waiting: number;
}): ReactElement {
  const { caution } = use(ThemeContext);
  const border = caution.color === undefined ? {} : { borderColor: caution.color };
  return (
    <Box flexDirection="column" marginTop={1} borderStyle="round" {...border} paddingX={1} flexShrink={0}>
      {question.kind === "approval" ? <Approval question={question} /> : <Steps steps={question.steps} />}
      {waiting > 0 && <Text dimColor>{waiting} more to answer after this one</Text>}
    </Box>
  );
}

/** All of an approval question, escaped: no blank, control or bidirectional character can hide a part of it. */
export function QuestionText({ question }: { readonly question: ApprovalQuestion }): ReactElement {
  const { request, preview } = question;
  return (
    <>
      <Title question={question} />
      <Subject text={request.subject} />
      {preview.length > 0 && <Preview lines={preview} />}
      <Text dimColor>{escapeLine(request.reason)}</Text>
    </>
  );
}

function Approval({ question }: { readonly question: ApprovalQuestion }): ReactElement {
  const theme = use(ThemeContext);
  const { request, preview } = question;
  return (
    <>
      {isLong(question) ? (
        <>
          <Title question={question} />
          <Subject text={cut(request.subject)} />
          {preview.length > 0 && <Preview lines={preview.slice(0, maxPreviewLines).map(cut)} />}
          <Text {...theme.caution}>… shortened here; the whole text is printed above</Text>
          <Text dimColor>{escapeLine(cut(request.reason))}</Text>
        </>
      ) : (
        <QuestionText question={question} />
      )}
      <Text>
        <Key letter="y" /> yes {"  "}
        <Key letter="n" /> no
        {request.alwaysRule !== null && (
          <>
            {"   "}
            <Key letter="a" /> always in this project: <Text bold>{escapeLine(request.alwaysRule)}</Text>
          </>
        )}
      </Text>
    </>
  );
}

function Title({ question: { request } }: { readonly question: ApprovalQuestion }): ReactElement {
  const theme = use(ThemeContext);
  return (
    <Text>
      <Text bold {...theme.caution}>
        Allow {escapeLine(request.name)}?
      </Text>
      <Text dimColor> {request.effect}</Text>
    </Text>
  );
}

/** Line ends of a command are real, so they are shown as lines. */
function Subject({ text }: { readonly text: string }): ReactElement {
  return (
    <Quoted>
      {text.split("\n").map((line, index) => (
        <Text key={index} bold>
          {escapeLine(line) || " "}
        </Text>
      ))}
    </Quoted>
  );
}

function Preview({ lines }: { readonly lines: readonly string[] }): ReactElement {
  const theme = use(ThemeContext);
  const tone = (line: string): Tone => (line.startsWith("+") ? theme.good : line.startsWith("-") ? theme.bad : {});
  return (
    <Quoted>
      {lines.map((line, index) => (
        <Text key={index} {...tone(line)}>
          {escapeLine(line)}
        </Text>
      ))}
    </Quoted>
  );
}

/** Text of the model: every row of it, a wrapped one too, has a bar before it and cannot pass for the question's own. */
function Quoted({ children }: { readonly children: ReactNode }): ReactElement {
  return (
    <Box
      flexDirection="column"
      borderStyle="single"
      borderTop={false}
      borderRight={false}
      borderBottom={false}
      paddingLeft={1}
    >
      {children}
    </Box>
  );
}

function Steps({ steps }: { readonly steps: number }): ReactElement {
  return (
    <>
      <Text>The turn has taken {steps} steps. Go on?</Text>
      <Text>
        <Key letter="y" /> 50 more {"  "}
        <Key letter="a" /> 200 more {"  "}
        <Key letter="n" /> stop
      </Text>
    </>
  );
}

function Key({ letter }: { readonly letter: string }): ReactElement {
  const theme = use(ThemeContext);
  return (
    <Text bold {...theme.accent}>
      [{letter}]
    </Text>
  );
}

const cut = (text: string): string => (text.length <= maxShown ? text : `${text.slice(0, maxShown).toWellFormed()}…`);
const maxShown = 160;
