using System.Net;
using Dynospace.Linux.Networking;

namespace Dynospace.Linux.Tests;

/// <summary>What a program says in the place of a kernel, heard by a kernel, and the other way round.</summary>
public sealed class AddressSocketTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("10.0.0.2", 24, "10.0.0.9")]
    [InlineData("fd00::2", 64, "fd00::9")]
    public void A_kernel_answers_a_probe_and_hears_an_answer(string own, int prefix, string answered)
    {
        using var place = new Place();
        place.Add(new VethLink("a", new VethPeer("b")) { IsUp = true });
        var (ours, theirs) = (place.Stack.Links.Find("b")!, place.Stack.Links.Find("a")!);
        place.Stack.Links.Change(ours.Index, new LinkChange { IsUp = true });
        var (address, asked) = (IPAddress.Parse(own), IPAddress.Parse(answered));
        place.Set("ipv6/conf/a/accept_dad", "0");
        place.Stack.Addresses.Add(new LinkAddress(address, prefix, theirs.Index));
        using var socket = place.Namespace.Run(() => new AddressSocket(ours.Index, address.AddressFamily));
        place.Namespace.Run(() => socket.Join([asked]));

        socket.Probe(address, ours.Mac!);
        var told = Next(socket, message => !message.IsQuestion);
        Assert.Equal((address, theirs.Mac), (told.Address, told.Mac));

        using var sender = place.Namespace.Run(() => new System.Net.Sockets.UdpClient(address.AddressFamily));
        place.Namespace.Run(() => sender.Send(new byte[1], 1, new IPEndPoint(asked, 9)));
        var question = Next(socket, message => message.IsQuestion && message.Address.Equals(asked));
        Assert.Equal(theirs.Mac, question.Mac);
        socket.Answer(question, ours.Mac!);

        using var patience = new CancellationTokenSource(Patience);
        while (!place.Stack.Neighbours.List().Any(
            neighbour => neighbour.Address.Equals(asked) && Equals(neighbour.Mac, ours.Mac)))
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    [Theory]
    [InlineData("10.0.0.9")]
    [InlineData("fd00::9")]
    public void An_announcement_says_which_hardware_address_has_an_address(string announced)
    {
        using var place = new Place();
        place.Add(new VethLink("a", new VethPeer("b")) { IsUp = true });
        var (ours, theirs) = (place.Stack.Links.Find("b")!, place.Stack.Links.Find("a")!);
        place.Stack.Links.Change(ours.Index, new LinkChange { IsUp = true });
        var address = IPAddress.Parse(announced);
        using var socket = place.Namespace.Run(() => new AddressSocket(ours.Index, address.AddressFamily));
        using var listener = place.Namespace.Run(() => new AddressSocket(theirs.Index, address.AddressFamily));

        socket.Announce(address, ours.Mac!);

        var heard = Next(listener, message => message.Address.Equals(address));
        Assert.Equal((false, ours.Mac), (heard.IsQuestion, heard.Mac));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(14)]
    [InlineData(41)]
    [InlineData(77)]
    [InlineData(1500)]
    public void A_frame_that_says_nothing_is_passed_over(int length)
    {
        var frame = new byte[length];
        Random.Shared.NextBytes(frame);
        if (length > 21)
        {
            (frame[14], frame[20], frame[21]) = (0xff, 0, 0xff);
        }

        Assert.Null(LinkFrames.ReadArp(frame));
        Assert.Null(LinkFrames.ReadDiscovery(frame));
    }

    private static AddressMessage Next(AddressSocket socket, Func<AddressMessage, bool> isWanted)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (socket.Poll(TimeSpan.FromMilliseconds(100)) && socket.Receive() is { } message && isWanted(message))
            {
                return message;
            }
        }
    }
}
