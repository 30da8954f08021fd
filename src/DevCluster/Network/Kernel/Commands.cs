using System.Diagnostics;
using System.Text;

namespace DevCluster.Network.Kernel;

/// <summary>Runs CNI plugins and finds the util-linux programs from which containers are built.</summary>
internal static class Commands
{
    private const int LongestMessage = 300;

    /// <summary>Runs a program until it exits.</summary>
    /// <exception cref="NetworkException">The program failed; the message contains its output.</exception>
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
    /// The path of a program, from the search path or the usual system directories; null if it is not installed.
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

/// <summary>The network of the dev cluster cannot be created or changed.</summary>
public sealed class NetworkException : Exception
{
    /// <param name="message">The failure, as shown to the user.</param>
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
