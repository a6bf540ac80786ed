// The kind of the present colour theme, for what has to bring its own colours.
import * as vscode from 'vscode';
import type { ThemeKind } from './barChart';

export function themeKind(): ThemeKind {
  const { kind } = vscode.window.activeColorTheme;
  switch (kind) {
    case vscode.ColorThemeKind.Light:
      return 'light';
    case vscode.ColorThemeKind.HighContrast:
      return 'highContrast';
    case vscode.ColorThemeKind.HighContrastLight:
      return 'highContrastLight';
    case vscode.ColorThemeKind.Dark:
      return 'dark';
    default:
      return kind satisfies never;
  }
}
