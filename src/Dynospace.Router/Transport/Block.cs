using System.Buffers;
using System.Collections.Concurrent;

namespace Dynospace.Router.Transport;

/// <summary>
/// A buffer for the bytes of a connection, and a segment of a sequence of them. It belongs to one connection from
/// <see cref="Take"/> to <see cref="Return"/>.
/// </summary>
internal sealed class Block : ReadOnlySequenceSegment<byte>
{
    public const int Small = 4 * 1_024;
    public const int Large = 64 * 1_024;

    private readonly BlockPool? _pool;
    private int _isFree;

    private Block(int size, BlockPool? pool)
    {
        _pool = pool;
        Bytes = GC.AllocateUninitializedArray<byte>(size, pinned: pool is not null);
        Memory = Bytes;
    }

    public byte[] Bytes { get; }

    /// <summary>How many bytes it holds.</summary>
    public int Length { get; private set; }

    public Block? Following => (Block?)Next;

    public ReadOnlySpan<byte> Filled => Bytes.AsSpan(0, Length);

    public Memory<byte> Free => Bytes.AsMemory(Length);

    /// <summary>An empty block of at least this size.</summary>
    public static Block Take(int size) =>
        size <= Small ? BlockPool.OfSmall.Take() : size <= Large ? BlockPool.OfLarge.Take() : new(size, null);

    public void Add(int count) => Length += count;

    /// <summary>Appends a block to the sequence. This one must be full if the sequence is read as a whole.</summary>
    public void Append(Block next)
    {
        next.RunningIndex = RunningIndex + Length;
        Next = next;
    }

    /// <summary>Makes it available to other connections. Nothing may use its bytes any more.</summary>
    /// <exception cref="InvalidOperationException">It was already returned.</exception>
    public void Return()
    {
        if (Interlocked.Exchange(ref _isFree, 1) == 1)
        {
            throw new InvalidOperationException("A buffer was returned twice.");
        }

        (Length, Next, RunningIndex) = (0, null, 0);
        _pool?.Return(this);
    }

    /// <summary>
    /// Blocks of one size. A thread first takes the block that it returned last, which is still in the processor's
    /// cache. Threads share their surplus.
    /// </summary>
    private sealed class BlockPool(int size, int maxOfThread, int maxShared)
    {
        [ThreadStatic]
        private static Stack<Block>? _ownSmall;

        [ThreadStatic]
        private static Stack<Block>? _ownLarge;

        private readonly ConcurrentStack<Block> _shared = new();
        private int _sharedCount;

        public static BlockPool OfSmall { get; } = new(Small, maxOfThread: 64, maxShared: 4_096);

        public static BlockPool OfLarge { get; } = new(Large, maxOfThread: 8, maxShared: 256);

        /// <summary>The blocks that this thread returned.</summary>
        private Stack<Block> Own => size == Small ? _ownSmall ??= new() : _ownLarge ??= new();

        public Block Take()
        {
            if (!Own.TryPop(out var block))
            {
                if (!_shared.TryPop(out block))
                {
                    return new(size, this);
                }

                Interlocked.Decrement(ref _sharedCount);
            }

            Volatile.Write(ref block._isFree, 0);
            return block;
        }

        public void Return(Block block)
        {
            var own = Own;
            if (own.Count < maxOfThread)
            {
                own.Push(block);
            }
            else if (Interlocked.Increment(ref _sharedCount) <= maxShared)
            {
                _shared.Push(block);
            }
            else
            {
                Interlocked.Decrement(ref _sharedCount);   // The garbage collector takes it.
            }
        }
    }
}
