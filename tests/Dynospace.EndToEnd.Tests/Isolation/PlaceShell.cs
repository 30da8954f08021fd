using System.Diagnostics;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>Beyond the cluster, by the command that the place was given with.</summary>
internal sealed record PlaceShell(Place Place) : IShell
{
    public bool Listens => false;

    public async Task<string> RunAsync(string script, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Place.Run![0], [.. Place.Run.Skip(1), script])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return output;
    }

    public override string ToString() => $"place \"{Place.Name}\"";
}
