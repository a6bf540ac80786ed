// What a saved page says that the explorer inside VS Code does not.

export const savedPageStrings = {
  picture:
    'This view as it was when the file was saved. To use it, open the text in VS Code with Transformer Explorer.',
  notSaved: 'This is not in the saved file. Open the text in VS Code with Transformer Explorer to see it.',
} as const;
