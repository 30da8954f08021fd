using System.Diagnostics;

namespace DevCluster.Network.Pods;

/// <summary>The standard input of processes, which may end at any time.</summary>
internal static class ProcessInput
{
    private const int CopyBytes = 32 * 1024;

    /// <summary>Passes on what a client sends, until one of the two ends.</summary>
    public static async Task FeedAsync(Process process, Stream input, CancellationToken cancellationToken)
    {
        try
        {
            await input.CopyToAsync(process.StandardInput.BaseStream, CopyBytes, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client left, or the process reads no more.
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
            // The process reads no more.
        }
    }
}
