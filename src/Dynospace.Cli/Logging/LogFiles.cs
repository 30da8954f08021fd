namespace Dynospace.Cli.Logging;

/// <summary>Opens logs so that others can read them meanwhile.</summary>
internal static class LogFiles
{
    /// <param name="option">The option by which another file can be named.</param>
    /// <exception cref="CliException">The file cannot be written.</exception>
    public static FileStream Create(string path, string option)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the log {path} cannot be written: {e.Message.TrimEnd('.')}. Name another with {option} FILE.", e);
        }
    }
}
