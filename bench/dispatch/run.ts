export const run = async (): Promise<string> => "";
