namespace Dynospace.EndToEnd.Tests.Isolation;

/// <summary>A cell as a connection to open.</summary>
internal sealed record Attempt(MatrixCell Cell, IShell Shell, string Address);
