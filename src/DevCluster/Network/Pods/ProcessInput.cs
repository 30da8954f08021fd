using System.Diagnostics;

namespace DevCluster.Network.Pods;

/// <summary>The standard input of processes, which may exit at any time.</summary>
internal static class ProcessInput
{
    private const int CopyBytes = 32 * 1024;

    /// <summary>Copies a client's input until the client or the process ends.</summary>
    public static async Task FeedAsync(Process process, Stream input, CancellationToken cancellationToken)
    {
        try
        {
            await input.CopyToAsync(process.StandardInput.BaseStream, CopyBytes, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client disconnected, or the process closed its input.
        }
    }

    public static void Close(Process process)
    {
        try
        {
            process.StandardInput.Close();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // The process closed its input.
        }
    }
}
