// What the linter looks for beyond the compiler: promises left alone, dead code, loose comparisons, and sizes.
import tseslint from 'typescript-eslint'

/** The engine is one file of several tables' records; it is cut when its tables are. */
const LONG_FILES = ['server/engine/engine.ts']

export default tseslint.config(
  { ignores: ['dist/', 'dist.*/', 'node_modules/', 'coverage/', '.cache/'] },
  ...tseslint.configs.recommended,
  {
    rules: {
      'max-len': [
        'error',
        { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true },
      ],
    },
  },
  {
    // AssemblyScript: checked by its own compiler, and read here by the same grammar.
    files: ['capture/core/**/*.ts'],
    rules: {
      eqeqeq: 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    files: ['**/*.ts'],
    ignores: ['capture/core/**'],
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      'no-console': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
    },
  },
  {
    files: ['{capture,server,ui}/**/*.ts'],
    ignores: LONG_FILES,
    rules: { 'max-lines': ['error', { max: 400 }] },
  },
  {
    files: ['{capture,server,ui}/**/*.ts'],
    rules: { 'max-lines-per-function': ['error', { max: 60 }] },
  },
)
