using System.Net;
using Dynospace.Linux.Networking;

namespace Dynospace.Linux.Tests;

public sealed class NetworkMonitorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void What_changes_is_noticed()
    {
        using var place = new Place();
        using var monitor = place.Namespace.Run(() => new NetworkMonitorSocket());
        Assert.True(monitor.Take().IsEmpty);

        var link = place.Add(new VethLink("a", new VethPeer("b")) { IsUp = true });
        Assert.True(monitor.Wait(Patience));
        Assert.Contains(link.Index, monitor.Take().Links);

        place.Stack.Addresses.Add(new LinkAddress(IPAddress.Parse("192.0.2.1"), 24, link.Index));
        Assert.True(monitor.Take().Routes);

        place.Stack.Links.Delete(link.Index);
        Assert.Contains(link.Index, monitor.Take().DeletedLinks);
    }
}
