using System.Diagnostics;
using System.Text;

namespace DevCluster.Network.Kernel;

/// <summary>Runs CNI plugins, and finds the programs of util-linux that containers are made by.</summary>
internal static class Commands
{
    private const int LongestMessage = 300;

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="NetworkException">It failed; the message says what it printed.</exception>
    public static async Task<string> RunAsync(
        string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        using var process = Process.Start(start) ?? throw new NetworkException($"{program} cannot be started");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        var (printed, complaint) = (await output, await error);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? printed
            : throw new NetworkException($"{program} {string.Join(' ', arguments)}: {Shortened(complaint)}");
    }

    /// <summary>
    /// Where a program is, on the search path or where distributions put those of root; null for nowhere.
    /// </summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"])
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, program))
            .FirstOrDefault(File.Exists);

    private static string Shortened(string text)
    {
        var line = text.Trim().ReplaceLineEndings("; ");
        return line.Length > LongestMessage ? line[..LongestMessage] : line;
    }
}

/// <summary>The network of the dev cluster cannot be made or changed.</summary>
public sealed class NetworkException : Exception
{
    /// <param name="message">What failed, in words for the person at the terminal.</param>
    public NetworkException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="NetworkException(string)"/>
    public NetworkException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public NetworkException()
    {
    }
}
