// What the explorer says about heat, the colouring of the document's text.

export const heatStrings = {
  toggle: 'Heat: colour the text in the editor by what the word at the cursor attends to',
} as const;
