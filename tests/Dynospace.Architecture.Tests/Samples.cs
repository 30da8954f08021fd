#pragma warning disable CA1812 // Read as IL, never made.
namespace Dynospace.Architecture.Tests.Samples.Left
{
    internal sealed class First
    {
        public static int Call() => Right.Second.Value();
    }
}

namespace Dynospace.Architecture.Tests.Samples.Right
{
    internal sealed class Second
    {
        public static int Value() => typeof(Left.First).Name.Length;
    }
}
