using System.Net;
using System.Net.Sockets;
using Dynospace.NodeAgent.Enforcement;
using Dynospace.NodeAgent.Policies;
using Dynospace.NodeAgent.Tests.Policies;
using Dynospace.Reachability.Addresses;
using Dynospace.Testing.Networks;
using k8s;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dynospace.NodeAgent.Tests.Packets;

/// <summary>A node with pods on it and rules in its kernel, and connections between the pods.</summary>
internal sealed class EnforcedNode : IDisposable
{
    /// <summary>Admits a pod of app a to one of app server, and no other.</summary>
    public const string FromA =
        "{podSelector: {matchLabels: {app: server}}, ingress: [{from: [{podSelector: {matchLabels: {app: a}}}]}]}";

    public static readonly IPAddress Address = IPAddress.Parse("10.0.0.1");

    public static readonly IPEndPoint Server = new(IPAddress.Parse("10.0.0.10"), 80);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300);

    private readonly List<IDisposable> _opened = [];

    public EnforcedNode(params IReadOnlyList<IKubernetesObject> objects)
        : this(CidrSet.Empty, objects)
    {
    }

    public EnforcedNode(CidrSet closedRanges, params IReadOnlyList<IKubernetesObject> objects)
    {
        Node = new PacketNode([Address]);
        Index = ClusterOfOneNode.Index("n1", objects, closedRanges);
        Kernel = OpenKernel(Node);
        Enforcer = new Enforcer(Kernel, Index, NullLogger.Instance);
        Enforcer.Apply();
    }

    public PacketNode Node { get; }

    public PolicyIndex Index { get; }

    public KernelAccess Kernel { get; }

    public Enforcer Enforcer { get; private set; }

    public static KernelAccess OpenKernel(PacketNode node) =>
        node.Namespace.Run(() => KernelAccess.Open("dynospace_policies"));

    /// <summary>What an agent does that is started again: it knows nothing of the former one.</summary>
    public void Restart()
    {
        Enforcer = new Enforcer(Kernel, Index, NullLogger.Instance);
        Enforcer.Apply();
        CutIfOwed();
    }

    public void Set(IKubernetesObject item, bool isGone = false)
    {
        ClusterOfOneNode.Set(Index, item, isGone);
        Enforcer.Apply();
        CutIfOwed();
    }

    public void CutIfOwed()
    {
        if (Enforcer.OwesCut)
        {
            Enforcer.Cut();
        }
    }

    public NetworkNamespace Place(string address) => Node.Add([.. address.Split(',').Select(IPAddress.Parse)]);

    public TcpListener Listen(string address, int port)
    {
        var listener = Node.At(IPAddress.Parse(address)).Run(() =>
        {
            var opened = new TcpListener(IPAddress.Parse(address), port);
            opened.Start();
            return opened;
        });
        _opened.Add(listener);
        return listener;
    }

    /// <summary>A connection to a listener, with both of its ends.</summary>
    public async Task<(Socket Client, Socket Server)> ConnectAsync(
        NetworkNamespace from, IPEndPoint target, TcpListener listener)
    {
        var client = Open(from, target.AddressFamily);
        using var patience = new CancellationTokenSource(Patience);
        await client.ConnectAsync(target, patience.Token);
        var server = await listener.AcceptSocketAsync(patience.Token);
        _opened.Add(server);
        return (client, server);
    }

    /// <summary>Whether a connection opens in a moment.</summary>
    public async Task<bool> OpensAsync(NetworkNamespace from, IPEndPoint target)
    {
        using var moment = new CancellationTokenSource(Moment);
        try
        {
            await Open(from, target.AddressFamily).ConnectAsync(target, moment.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Sends a byte that must arrive.</summary>
    public static async Task PassAsync(Socket from, Socket to)
    {
        using var patience = new CancellationTokenSource(Patience);
        await from.SendAsync(new byte[1], patience.Token);
        Assert.Equal(1, await to.ReceiveAsync(new byte[1], patience.Token));
    }

    /// <summary>Whether a byte arrives in a moment.</summary>
    public static async Task<bool> PassesAsync(Socket from, Socket to)
    {
        using var moment = new CancellationTokenSource(Moment);
        try
        {
            await from.SendAsync(new byte[1], moment.Token);
            return await to.ReceiveAsync(new byte[1], moment.Token) > 0;
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        _opened.ForEach(item => item.Dispose());
        Kernel.Dispose();
        Node.Dispose();
    }

    private Socket Open(NetworkNamespace place, AddressFamily family)
    {
        var socket = place.Run(() => new Socket(family, SocketType.Stream, ProtocolType.Tcp));
        _opened.Add(socket);
        return socket;
    }
}
