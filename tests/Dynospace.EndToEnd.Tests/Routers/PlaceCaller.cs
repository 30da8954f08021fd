using System.Diagnostics;
using System.Globalization;
using Dynospace.EndToEnd.Tests.Isolation;

namespace Dynospace.EndToEnd.Tests.Routers;

/// <summary>Calls from a place beyond the cluster, by the command that the place was given with.</summary>
internal sealed class PlaceCaller(Place place) : ICaller
{
    public Task<Stream> ConnectAsync(string address, int port, CancellationToken cancellationToken)
    {
        var script = string.Create(CultureInfo.InvariantCulture, $"exec busybox nc -w 60 {address} {port} 2>/dev/null");
        var start = new ProcessStartInfo(place.Run![0], [.. place.Run.Skip(1), script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return Task.FromResult<Stream>(new ProcessStream(Process.Start(start)!));
    }

    public override string ToString() => $"place \"{place.Name}\"";
}
