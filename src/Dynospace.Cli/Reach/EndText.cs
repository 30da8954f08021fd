using System.Net;
using Dynospace.Reachability;

namespace Dynospace.Cli.Reach;

/// <summary>An end of a connection as somebody wrote it.</summary>
/// <param name="Text">As written, without the port.</param>
/// <param name="Kind">What it speaks of.</param>
/// <param name="Name">The name; empty where the kind says all.</param>
internal sealed record EndText(string Text, EndKind Kind, string Name)
{
    /// <summary>The space or namespace that was written before the name; null where none was.</summary>
    public string? Space { get; init; }

    /// <summary>The address of <see cref="EndKind.Address"/>.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The port; null where none was written.</summary>
    public TransportPort? Port { get; init; }

    /// <summary>Whether it means something in each space only.</summary>
    public bool DependsOnSpace => Kind is EndKind.Router or EndKind.InternalRouter or EndKind.Peer;
}
