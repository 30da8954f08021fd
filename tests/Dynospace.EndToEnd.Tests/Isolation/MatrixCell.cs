using Dynospace.Reachability;

namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>One cell of a page of <c>docs</c>: whether a connection may be opened, and what decides.</summary>
internal sealed record MatrixCell(string Table, string From, string To, TransportPort Port, bool Expected, string Basis)
{
    /// <summary>The column that it stands in.</summary>
    public (string To, TransportPort Port) Column => (To, Port);

    public override string ToString() => $"{Table}: {From} → {To} {Port}";
}
